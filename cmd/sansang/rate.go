package main

import (
	"fmt"
	"math"
	"strconv"
)

// rate is a flag for a number of connections a second, or "max": no bound,
// which is 0 in scan.Rates.
type rate float64

func (r *rate) Set(s string) error {
	if s == "max" {
		*r = 0
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return fmt.Errorf("%q: max, 10, 0.5 …", s)
	}
	*r = rate(f)
	return nil
}

func (r *rate) String() string {
	if *r == 0 {
		return "max"
	}
	return strconv.FormatFloat(float64(*r), 'g', 4, 64)
}

func (r *rate) Type() string { return "float" }
