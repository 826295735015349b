/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef APPS_SERVE_REQUESTS_H
#define APPS_SERVE_REQUESTS_H

/* A model before anyone has asked for one: as RESET with seed 1. */
void serve_start(void);

/* Wait for one frame and answer it. An empty frame gets no answer. A frame that is refused changes
 * neither weights nor counters. */
void serve_request(void);

#endif
