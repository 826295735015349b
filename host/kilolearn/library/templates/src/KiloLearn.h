/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sketch calls. The learner itself is a C file of the sketch, so that its sizes are
 * constants to the compiler:
 *
 *   #include <apps/configs/digits.h>     or a config of your own, as apps/learner.h says
 *   #include <apps/digits.inc>
 *
 * Where a PC is to train it over the serial port, another C file serves that:
 *
 *   #include <apps/configs/digits.h>
 *   #include <apps/serve.inc>
 */
#ifndef KILOLEARN_H
#define KILOLEARN_H

#ifdef __cplusplus
extern "C" {
#endif

#include "apps/learner.h"
#include "apps/serve_requests.h"
#include "contract/frame.h"
#include "wire/line.h"

#ifdef __cplusplus
}
#endif

#endif
