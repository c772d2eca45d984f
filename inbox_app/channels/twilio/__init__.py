"""What the Twilio adapter is made of: its codes, its signature, its reports, TwiML."""
