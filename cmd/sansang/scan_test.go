package main

import (
	"slices"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/scan"
)

func TestPoliteYieldsToWhatWasAsked(t *testing.T) {
	given := func(flags ...string) func(string) bool {
		return func(f string) bool { return slices.Contains(flags, f) }
	}
	fresh := func() scanOptions {
		return scanOptions{polite: true, parallel: 4, budget: time.Minute, rates: scan.DefaultRates}
	}
	o := fresh()
	o.settle(given("polite"))
	if perMinute := o.rates.Host * 60; o.parallel != 1 || perMinute < 1.99 || perMinute > 2.01 || !o.rates.Own || o.budget < time.Hour {
		t.Errorf("polite: %+v", o)
	}
	o = fresh()
	o.settle(given("polite", "rate-host", "parallel", "endpoint-budget"))
	if o.parallel != 4 || o.rates.Host != scan.DefaultRates.Host || o.budget != time.Minute {
		t.Errorf("polite, and other flags: %+v", o)
	}
	o = fresh()
	o.polite = false
	o.settle(given())
	if o.parallel != 4 || o.rates.Own {
		t.Errorf("not polite: %+v", o)
	}
}
