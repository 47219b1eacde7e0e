"""What call flows cost: a step, a scenario, a check, a publication."""
