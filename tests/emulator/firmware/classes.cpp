// SPDX-License-Identifier: GPL-3.0-or-later
// classes.cpp  variables as Arduino sketches have them: namespaces, base classes, static members.
#include <stdint.h>

namespace robot {

class Device {
  public:
    virtual void step() = 0;
    uint8_t pin;
};

class Motor : public Device {
  public:
    void step() override;
    int16_t speed;
    static uint8_t count;
};

uint8_t Motor::count;

void Motor::step() {
    speed += pin;
    count++;
}

Motor left;

} // namespace robot

int main() {
    robot::Device *volatile device = &robot::left;
    for (;;) {
        device->step();
    }
}

extern "C" void __cxa_pure_virtual() {
    for (;;) {}
}
