/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps everything going at once: two timer interrupts, UART both ways by interrupt, ADC
 * conversions, EEPROM writes, page writes by SPM, a watchdog that bites now and then, idle sleep.
 * `mix` takes in whatever comes, with the moment of its coming. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#ifdef CCP /* ATtiny1634 */
#define TIMSK0 TIMSK
#define TIMSK1 TIMSK
#define USART_RX_vect USART0_RX_vect
#define USART_UDRE_vect USART0_UDRE_vect
#define SPMEN_BIT SPMEN
#define SCALE 0
#else
#define SPMEN_BIT SELFPRGEN
#define SCALE (1 << REFS0)
#endif

enum { PAGE = FLASHEND - 4 * SPM_PAGESIZE + 1 };

volatile uint32_t mix __attribute__((section(".noinit")));
volatile uint16_t ticks __attribute__((section(".noinit")));
volatile uint8_t waiting[8], put, taken;

static void stir(uint8_t what) {
    mix = (mix << 5 | mix >> 27) ^ what ^ (uint32_t)TCNT1 << 8;
}

ISR(TIMER0_OVF_vect) {
    stir(0x11);
    ticks++;
}

ISR(TIMER1_COMPA_vect) {
    stir(0x22);
    if (taken == put) {
        waiting[put++ & 7] = (uint8_t)mix;
        UCSR0B |= 1 << UDRIE0;
    }
}

ISR(USART_RX_vect) {
    const uint8_t byte = UDR0;
    stir(byte);
    waiting[put++ & 7] = byte ^ (uint8_t)ticks;
    UCSR0B |= 1 << UDRIE0;
}

ISR(USART_UDRE_vect) {
    UDR0 = waiting[taken++ & 7];
    if (taken == put) {
        UCSR0B &= (uint8_t) ~(1 << UDRIE0);
    }
}

static void watch(void) {
#ifdef CCP
    CCP = 0xD8;
    WDTCSR = 1 << WDE;
#else
    wdt_enable(WDTO_15MS);
#endif
}

static void spm(uint8_t command) {
    __asm__ volatile("out %[control], %[command]\n\tspm"
                     :
                     : [control] "I"(_SFR_IO_ADDR(SPMCSR)), [command] "r"(command), "z"(PAGE));
}

static void program(void) {
    cli();
    spm(1 << PGERS | 1 << SPMEN_BIT);
    for (uint8_t i = 0; i < SPM_PAGESIZE; i += 2) {
        __asm__ volatile(
            "movw r0, %[word]\n\tout %[control], %[command]\n\tspm\n\tclr r1"
            :
            : [control] "I"(_SFR_IO_ADDR(SPMCSR)), [command] "r"((uint8_t)(1 << SPMEN_BIT)),
              "z"(PAGE + i), [word] "r"((uint16_t)(mix + i))
            : "r0");
        if (i == SPM_PAGESIZE / 2) { /* a page half full stays a while */
            sei();
            for (volatile uint8_t n = 0; n < 100; n++) {}
            cli();
        }
    }
    spm(1 << PGWRT | 1 << SPMEN_BIT);
    sei();
    stir(pgm_read_byte(PAGE + 6));
}

int main(void) {
    MCUSR = 0;
    watch();
    put = taken = 0;
    UCSR0A = 1 << U2X0;
    UBRR0L = 12;
    UCSR0B = 1 << RXEN0 | 1 << TXEN0 | 1 << RXCIE0;
    TCCR0B = 1 << CS01;
    TCCR1B = 1 << WGM12 | 1 << CS10;
    OCR1A = 1777;
    TIMSK0 |= 1 << TOIE0;
    TIMSK1 |= 1 << OCIE1A;
    ADMUX = SCALE;
    ADCSRA = 1 << ADEN | 1 << ADPS2;
    sei();
    for (uint8_t round = 0;; round++) {
        ADCSRA |= 1 << ADSC;
        EEAR = round & 31;
        EEDR = (uint8_t)mix;
        cli();
        EECR |= 1 << EEMPE;
        EECR |= 1 << EEPE;
        sei();
        if ((round & 7) == 5) {
            program();
        }
        sleep_enable();
        sleep_cpu();
        while (ADCSRA & 1 << ADSC) {}
        stir(ADCL);
        stir(ADCH);
        stir(PINB);
        while (EECR & 1 << EEPE) {
            sleep_cpu();
        }
        if (round != 200) {
            wdt_reset();
        } else {
            for (;;) {} /* until the watchdog bites */
        }
    }
}
