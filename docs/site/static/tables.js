/* Copyright (c) 2026, gisops.arcgis contributors
 * GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tells each cell the title of its column, so that the cells of a row can stand one below the other on a narrow screen. */
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.docutils:not(.ansible-option-table)")) {
    const titles = [...table.querySelectorAll("thead th")].map((title) => title.textContent.trim());
    if (titles.length < 3) continue;
    table.classList.add("stacked");
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => { cell.dataset.title = titles[column]; });
    }
  }
});
