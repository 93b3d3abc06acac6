"""Teams, and what else speaks by Bot Framework activities (https://learn.microsoft.com/azure/bot-service)."""
