"""What several functions share: reading Connect's event, the customers table, the log line. Standard library only, but
for `dynamodb`, which loads the SDK of the Lambda runtime when it is first needed."""
