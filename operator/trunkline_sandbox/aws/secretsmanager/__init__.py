"""AWS Secrets Manager: secrets, their versions and staging labels, deletion with a recovery window.

Written from the service model and the Secrets Manager API reference and user guide.
"""
