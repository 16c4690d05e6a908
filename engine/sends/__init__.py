"""What is sent when: dated sends on the timeline, and what customers set off themselves."""
