package main

import (
	"slices"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/inventory"
	"github.com/sansang/sansang/internal/scan"
)

func TestPoliteYieldsToWhatWasAsked(t *testing.T) {
	given := func(flags ...string) func(string) bool {
		return func(f string) bool { return slices.Contains(flags, f) }
	}
	fresh := func() lookOptions {
		return lookOptions{polite: true, parallel: 4, budget: time.Minute, rates: scan.DefaultRates}
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

// "max" lifts the bound, and for all connections together every bound that was
// not asked for.
func TestRateMax(t *testing.T) {
	asked := func(flags ...string) func(string) bool {
		return func(f string) bool { return slices.Contains(flags, f) }
	}
	o := lookOptions{rates: scan.DefaultRates}
	if err := (*rate)(&o.rates.Global).Set("max"); err != nil {
		t.Fatal(err)
	}
	o.settle(asked("rate"))
	if o.rates != (scan.Rates{Own: true}) {
		t.Errorf("--rate max: %+v", o.rates)
	}
	o = lookOptions{rates: scan.Rates{Host: 5, Network: 30}}
	o.settle(asked("rate", "rate-host"))
	if o.rates.Host != 5 || o.rates.Network != 0 {
		t.Errorf("--rate max --rate-host 5: %+v", o.rates)
	}
	o = lookOptions{polite: true, rates: scan.Rates{Network: 30}}
	o.settle(asked("rate", "polite"))
	if o.rates.Host == 0 || o.rates.Network != 30 {
		t.Errorf("--rate max --polite: %+v", o.rates)
	}
	var r rate
	for _, bad := range []string{"", "-1", "much", "NaN", "Inf"} {
		if r.Set(bad) == nil {
			t.Errorf("--rate %q is taken", bad)
		}
	}
	if err := r.Set("0.5"); err != nil || r.String() != "0.5" {
		t.Errorf("0.5: %v %s", err, r.String())
	}
}

// What is not looked at this time is still there: a check that compares
// endpoints must not take it for none.
func TestOnlyLeavesTheWhole(t *testing.T) {
	var whole []scan.Task
	for _, id := range []string{"a", "b", "c"} {
		whole = append(whole, scan.Task{Endpoint: inventory.Endpoint{ID: id}})
	}
	some, err := only(whole, []string{"b"})
	if err != nil || len(some) != 1 || some[0].Endpoint.ID != "b" {
		t.Errorf("only b: %+v, %v", some, err)
	}
	for i, id := range []string{"a", "b", "c"} {
		if whole[i].Endpoint.ID != id {
			t.Errorf("of the whole, %q became %q", id, whole[i].Endpoint.ID)
		}
	}
}
