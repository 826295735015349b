# SPDX-License-Identifier: GPL-3.0-or-later
# The verbs of ./dev for those who type make. The firmware's recipe is avr/Makefile.
.PHONY: help demo test lint format bench setup clean
help:
	@./dev help
demo test lint format setup clean:
	@./dev $@
bench:
	@./dev bench $(NAME)
