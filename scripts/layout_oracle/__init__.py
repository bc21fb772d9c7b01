# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/oracle is made of: see there."""
