# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules "where both inputs are so, do this", each with a confidence of 0 to 3, learned from
examples.

An example that agrees makes its rule surer, one that does not makes it less sure; only a rule that
is not sure at all takes the new action, so that a wrong example does not overturn what several
have said.

Reads x, y and the action of 50 examples and emits the online accuracy in percent; then reads x and
y of 200 more and emits the action for each. Bytes, as in kilolearn.tasks: rules.
"""

from chip import emit, read

EXAMPLES = 50
TESTS = 200
SURE = 3

action = bytearray(9)
confidence = bytearray(9)


def level(value):
    return 0 if value < 6 * 16 else 1 if value < 11 * 16 else 2


def next_rule():
    row = level(read())
    return 3 * row + level(read())


def learn(rule, label):
    if confidence[rule] == 0:
        action[rule] = label
        confidence[rule] = 1
    elif action[rule] == label:
        confidence[rule] = min(confidence[rule] + 1, SURE)
    else:
        confidence[rule] -= 1


correct = 0
for _ in range(EXAMPLES):
    rule = next_rule()
    label = read()
    if action[rule] == label:
        correct += 1
    learn(rule, label)
emit(correct * 100 // EXAMPLES)

for _ in range(TESTS):
    emit(action[next_rule()])
