// SPDX-License-Identifier: GPL-3.0-or-later
// A firmware on avr8js, as an ATmega328P with its timers and USART:
// usage: node avr8js_loop.cjs FOLDER_OF_AVR8JS FILE.hex HZ CYCLES
// Ends with one JSON object on a line: CPU seconds of the loop, and cycles.
const fs = require('fs');
const [, , folder, hex, hz, cycles] = process.argv;
const avr8js = require(folder);

const flash = new Uint16Array(0x4000).fill(0xffff);
const bytes = new Uint8Array(flash.buffer);
for (const line of fs.readFileSync(hex, 'latin1').split('\n')) {
  if (line.startsWith(':') && line.slice(7, 9) === '00') {
    bytes.set(Buffer.from(line.slice(9, 9 + 2 * parseInt(line.slice(1, 3), 16)), 'hex'),
        parseInt(line.slice(3, 7), 16));
  }
}
const cpu = new avr8js.CPU(flash, 2048);
const devices = [avr8js.timer0Config, avr8js.timer1Config, avr8js.timer2Config].map(
    (config) => new avr8js.AVRTimer(cpu, config));
devices.push(new avr8js.AVRUSART(cpu, avr8js.usart0Config, Number(hz)));

const end = Number(cycles);
const before = process.cpuUsage();
while (cpu.cycles < end) {
  avr8js.avrInstruction(cpu);
  cpu.tick();
}
const used = process.cpuUsage(before);
console.log(JSON.stringify({seconds: (used.user + used.system) / 1e6, cycles: cpu.cycles}));
