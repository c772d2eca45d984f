"""What holds for text messages, whoever carries them."""
