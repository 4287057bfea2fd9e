//go:build !linux

package main

import (
	"testing"
	"time"
)

func delayed(b *testing.B, _ time.Duration, _ func(here, afar string)) {
	b.Skip("latency needs a network namespace, which only Linux has")
}
