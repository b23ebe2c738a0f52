/* SPDX-License-Identifier: MIT */
"use strict";
/* Niceties alone: all that the page says is there without it. */

/* Tables are sorted by the column whose heading is pressed. */
for (const th of document.querySelectorAll("table:not(.findings) thead th")) {
	const button = document.createElement("button");
	button.type = "button";
	button.textContent = th.textContent;
	th.replaceChildren(button);
	button.addEventListener("click", () => sort(th));
}

function key(row, column) {
	const cell = row.cells[column];
	return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent;
}

function compare(a, b) {
	return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(b);
}

function sort(th) {
	const body = th.closest("table").tBodies[0];
	const column = th.cellIndex;
	const down = th.getAttribute("aria-sort") !== "descending";
	const rows = [...body.rows].sort((a, b) =>
		(down ? -1 : 1) * compare(key(a, column), key(b, column)));
	for (const other of th.parentNode.cells)
		other.removeAttribute("aria-sort");
	th.setAttribute("aria-sort", down ? "descending" : "ascending");
	body.append(...rows);
}

/* What each client held at the time under the pointer. */
const chart = document.querySelector("svg[data-seconds]");
const tip = document.getElementById("tip");

function bytes(n) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let unit = 0;
	for (; n >= 1024 && unit < units.length - 1; unit++)
		n /= 1024;
	return n.toFixed(unit > 0 && n < 10 ? 1 : 0) + "\u00a0" + units[unit];
}

function show(event) {
	const box = chart.getBoundingClientRect();
	const {left, width, seconds} = chart.dataset;
	const scale = chart.viewBox.baseVal.width / box.width;
	const part = ((event.clientX - box.left) * scale - left) / width;
	if (part < 0 || part >= 1)
		return hide();
	const lines = [...chart.querySelectorAll("[data-values]")].map((area) => {
		const values = area.dataset.values.split(" ");
		const name = area.querySelector("title").textContent.split(": ")[0];
		return name + "  " + bytes(Number(values[Math.floor(part * values.length)]));
	});
	tip.textContent = [(part * seconds).toFixed(2) + "\u00a0s", ...lines.reverse()].join("\n");
	tip.hidden = false;
	tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
	tip.style.top = event.clientY + 14 + "px";
}

function hide() {
	tip.hidden = true;
}

if (chart) {
	chart.addEventListener("pointermove", show);
	chart.addEventListener("pointerleave", hide);
}
