"""What the adapter of Mailgun is made of: proofs, reports, mail that comes in, refusals."""
