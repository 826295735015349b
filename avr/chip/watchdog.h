/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resets a chip that hangs. On the host nothing hangs. */
#ifndef CHIP_WATCHDOG_H
#define CHIP_WATCHDOG_H

/* A second from now on, unless fed. */
void watchdog_start(void);

void watchdog_feed(void);

/* Also at power-up: behind its own reset the watchdog goes on, with the shortest time. */
void watchdog_stop(void);

#endif
