; SPDX-License-Identifier: GPL-3.0-or-later
; Layers of levels.h. Y is their output or acc; y and start as pair_dot takes them.

; tape rows_to_bytes(int8_t *out, tape at, const int8_t *y, uint16_t start, uint8_t n, uint8_t pairs)
;                    r24          r22      r20              r18             r16        r14
    .global rows_to_bytes
rows_to_bytes:
    rcall begin
1:  rcall pair_dot
    rcall next_byte
    movw r22, r24
    rcall next_byte
    dec r14
    brne 1b
    rjmp finish

next_byte:
    rcall scaled_next
    rcall clamp_byte
    st Y+, r22
    ret

; tape rows_to_logits(int16_t *out, ...) as rows_to_bytes.
    .global rows_to_logits
rows_to_logits:
    rcall begin
1:  rcall pair_dot
    rcall next_logit
    movw r22, r24
    rcall next_logit
    dec r14
    brne 1b
    rjmp finish

next_logit:
    rcall scaled_next
    lpm r18, Z+
    lsl r18
    sbc r19, r19
    add r22, r18
    adc r23, r19
    st Y+, r22
    st Y+, r23
    ret

; tape feed_forward(uint16_t *acc, ...) as rows_to_bytes. The units' h in r17 and r15.
    .global feed_forward
feed_forward:
    rcall begin
1:  rcall pair_dot
    rcall next_unit
    mov r17, r22
    movw r22, r24
    rcall next_unit
    mov r15, r22
    rcall row_add
    mov r17, r15
    rcall row_add
    dec r14
    brne 1b
    rjmp finish

; h of a unit in r22: t^2 / 2^7 is 2t * t / 2^8.
next_unit:
    rcall scaled_next
    lpm r18, Z+
    clr r19
    sbrc r18, 7
    com r19
    add r22, r18
    adc r23, r19
    brpl 1f
    clr r22
    ret
1:  rcall clamp_byte
    mov r21, r22
    lsl r22
    rjmp scaled

; tape rows_add(uint16_t *acc, tape at, const int8_t *factor, uint8_t n, uint8_t rows)
;               r24            r22      r20                   r18        r16
    .global rows_add
rows_add:
    rcall begin
    mov r14, r16
    mov r16, r18
1:  movw r26, r12
    ld r17, X+
    movw r12, r26
    rcall row_add
    dec r14
    brne 1b
    rjmp finish
