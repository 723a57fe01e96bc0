# Copyright (c) 2026, gisops.arcgis contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated ArcGIS Enterprise on loopback, for tests and for trying playbooks."""

from __future__ import annotations

from .simulator import Simulator

__all__ = ["Simulator"]
