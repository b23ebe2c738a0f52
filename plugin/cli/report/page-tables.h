/* SPDX-License-Identifier: MIT */
#ifndef CLI_REPORT_PAGE_TABLES_H
#define CLI_REPORT_PAGE_TABLES_H

#include "cli/report/page.h"

/* What charts show, as tables. */
void page_write_clients(const struct page *page);
void page_write_surfaces(const struct page *page);

#endif
