"""The zips as they are deployed, run by AWS's runtime client at the emulator, against real parts."""
