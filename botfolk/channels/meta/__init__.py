"""What Messenger, Instagram and WhatsApp share: Meta's webhooks and its Graph API."""
