// SPDX-License-Identifier: GPL-3.0-or-later
// Watches two voltages, learns what is usual, and lights the LED where one of them is not. Nobody
// tells it which readings are good.

#include <KiloLearn.h>
#include "config.h"

const uint8_t SENSOR[LEARNER_INPUTS] = {A0, A1};
const uint16_t EVERY_MS = 50;

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  learner_reset(1);
  Serial.begin(115200);
}

void loop() {
  uint8_t sample[LEARNER_INPUTS];
  for (uint8_t i = 0; i < LEARNER_INPUTS; i++) {
    sample[i] = analogRead(SENSOR[i]) / 4;
    Serial.print(sample[i]);
    Serial.print(' ');
  }
  // The answer is the one before this sample was learned; the label, 0, has no part in it.
  bool unusual = learner_train(sample, 0).prediction;
  digitalWrite(LED_BUILTIN, unusual);
  Serial.println(unusual ? "unusual" : "usual");
  delay(EVERY_MS);
}
