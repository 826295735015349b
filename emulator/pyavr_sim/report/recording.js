// SPDX-License-Identifier: GPL-3.0-or-later
// Unpacks what payload.py has packed.

const ARRAYS = { u1: Uint8Array, i4: Int32Array, f8: Float64Array };

async function unpackRecording(text) {
  const packed = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  let at = 4 + new DataView(bytes).getUint32(0, true);
  const recording = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, at - 4)));
  for (const [name, type, items] of recording.arrays) {
    const size = items * ARRAYS[type].BYTES_PER_ELEMENT;
    recording[name] = new ARRAYS[type](bytes.slice(at, at + size));
    at += size;
  }
  for (let i = recording.sramBytes; i < recording.sram.length; i++) {
    recording.sram[i] += recording.sram[i - recording.sramBytes]; // modulo 256, as a Uint8Array does
  }
  return recording;
}

const count = (value) => value.toLocaleString("en");
const hex = (value, digits) => "0x" + value.toString(16).toUpperCase().padStart(digits, "0");
