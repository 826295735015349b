// SPDX-License-Identifier: GPL-3.0-or-later
// Runs programs on avr8js: one JSON object a line in, one a line out.
//
// In: {flash, data: base64; stops: cycles, ascending; timer0: whether there is one}.
// Out: {states: [{pc, cycle, data}]}, one at the first instruction that ends at or after each stop; pc
// is a byte address, data the data space with SREG at 0x5F and SP at 0x5D. There are fewer states than
// stops when the program came to an instruction that avr8js computes wrongly.
"use strict";
const { createRequire } = require("node:module");
const readline = require("node:readline");

const modules = createRequire(process.argv[2]); // a file in the folder that holds node_modules
const { CPU, AVRTimer, avrInstruction, timer0Config } = modules("avr8js");
const REGISTERS_AND_IO = 0x100;

const SREG = 0x5f;
const Z = 2;

// What avr8js 0.21.1 gets wrong, besides H: results are tested for zero, or for 128, before they are
// cut to 8 bits: SBC, SBCI and CPC of 0 - 255 - 1, and NEG of 128. CBI and FMULSU are mended below.
function isWrongHere(cpu) {
  const word = cpu.progMem[cpu.pc];
  const d = cpu.data[(word >> 4) & 31];
  const carry = cpu.data[SREG] & 1;
  if ((word & 0xfc00) === 0x0400 || (word & 0xfc00) === 0x0800) {
    return carry && d === 0 && cpu.data[((word >> 5) & 16) | (word & 15)] === 255;
  }
  if ((word & 0xf000) === 0x4000) {
    return carry && cpu.data[16 + ((word >> 4) & 15)] === 0 && (word & 0x0f0f) === 0x0f0f;
  }
  return (word & 0xfe0f) === 0x9401 && d === 128;
}

function run({ flash, data, stops, timer0 }) {
  const code = Buffer.from(flash, "base64");
  const words = new Uint16Array(code.length / 2);
  for (let i = 0; i < words.length; i++) {
    words[i] = code.readUInt16LE(2 * i);
  }
  const memory = Buffer.from(data, "base64");
  const cpu = new CPU(words, Math.max(0, memory.length - REGISTERS_AND_IO));
  cpu.data.set(memory);
  if (timer0) {
    new AVRTimer(cpu, timer0Config);
  }
  const states = [];
  for (const stop of stops) {
    while (cpu.cycles < stop) {
      if (isWrongHere(cpu)) {
        return { states };
      }
      const word = cpu.progMem[cpu.pc];
      avrInstruction(cpu);
      if ((word & 0xff00) === 0x9800) {
        cpu.cycles += 1; // CBI: 2 cycles in the manual, 1 in avr8js
      } else if ((word & 0xff88) === 0x0388) {
        cpu.data[SREG] ^= Z; // FMULSU sets it the other way round
      }
      cpu.tick();
    }
    const now = Buffer.from(cpu.data.subarray(0, memory.length)).toString("base64");
    states.push({ pc: 2 * cpu.pc, cycle: cpu.cycles, data: now });
  }
  return { states };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(JSON.stringify(run(JSON.parse(line))) + "\n");
});
