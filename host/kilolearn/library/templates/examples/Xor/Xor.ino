// SPDX-License-Identifier: GPL-3.0-or-later
// Learns exclusive or on the board, by backpropagation in 8-bit integers, and prints what it learned.

#include <KiloLearn.h>
#include <apps/configs/mlp-xor3.h>

const uint8_t PATTERNS = 4;
const uint16_t STEPS_MAX = 1000; // a start that has not learned by then gives way to another

// The inputs of a pattern, 0..3.
const uint8_t *inputs(uint8_t pattern) {
  static uint8_t sample[LEARNER_INPUTS];
  sample[0] = pattern & 1 ? LEARNER_INPUT_MAX : 0;
  sample[1] = pattern & 2 ? LEARNER_INPUT_MAX : 0;
  return sample;
}

uint8_t exclusiveOr(uint8_t pattern) { return pattern == 1 || pattern == 2; }

bool allRight() {
  for (uint8_t pattern = 0; pattern < PATTERNS; pattern++)
    if (learner_infer(inputs(pattern)).prediction != exclusiveOr(pattern)) return false;
  return true;
}

// Steps until all patterns are right, or STEPS_MAX.
uint16_t learn(uint16_t seed) {
  uint16_t steps = 0;
  learner_reset(seed);
  while (steps < STEPS_MAX && !allRight())
    for (uint8_t pattern = 0; pattern < PATTERNS; pattern++, steps++)
      learner_train(inputs(pattern), exclusiveOr(pattern));
  return steps;
}

void printTable() {
  for (uint8_t pattern = 0; pattern < PATTERNS; pattern++) {
    Serial.print(pattern & 1);
    Serial.print(" xor ");
    Serial.print(pattern >> 1);
    Serial.print(" = ");
    Serial.println(learner_infer(inputs(pattern)).prediction);
  }
}

void setup() {
  Serial.begin(115200);
  uint16_t seed = 0, steps;
  do {
    steps = learn(++seed);
  } while (!allRight());
  Serial.print("seed ");
  Serial.print(seed);
  Serial.print(" learned in ");
  Serial.print(steps);
  Serial.println(" steps");
  printTable();
}

void loop() {}
