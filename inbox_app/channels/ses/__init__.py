"""What the adapter of Amazon SES is made of: notifications of SNS, what they report, refusals."""
