// SPDX-License-Identifier: GPL-3.0-or-later
// A net for handwritten digits that a PC trains over the serial port, sample by sample:
//
//   kilolearn train digits --port /dev/ttyACM0 --data digits
//
// The same frames train any learner: change learner.c and serve.c.

#include <KiloLearn.h>

// Waits for a byte. Serial says of none that it was lost: the frame's checksum finds that out.
line_byte line_get() {
  while (!Serial.available()) {
  }
  line_byte got = {(uint8_t)Serial.read(), 0};
  return got;
}

void line_put(uint8_t byte) { Serial.write(byte); }

// Serial receives and sends by interrupts, both at once.
uint8_t line_is_full_duplex() { return 1; }

void setup() {
  serve_start();
  Serial.begin(500000);
  Serial.write((uint8_t)FRAME_DELIMITER);
}

void loop() { serve_request(); }
