"""Botfolk: the CRM for the people who talk to a chatbot."""

__version__ = "0.1.0"
