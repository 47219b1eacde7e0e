"""Everything that speaks to Asterisk: ARI, AMI, FastAGI and the provisioning of phones."""
