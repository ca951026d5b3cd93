"""What is scored with where no network is named."""

RECOMMENDED = "resnet14b_wd4_s1_sub"
"""The most accurate pretrained network in the package; one of the cheapest, too."""
