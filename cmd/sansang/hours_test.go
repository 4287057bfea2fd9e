package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/store"
)

// Of each run is told once until when units wait, also after many nights.
func TestHoursAreTold(t *testing.T) {
	var said bytes.Buffer
	c := &crew{app: &app{err: &said, lang: lang.En}, hours: map[hoursOf]bool{}}
	for night := range 2 * mostHours {
		c.tellHours(store.Run{ID: 1}, time.Now().AddDate(0, 0, night-3*mostHours))
	}
	said.Reset()
	for _, run := range []int64{1, 1, 2} {
		c.tellHours(store.Run{ID: run}, time.Now().AddDate(0, 0, 1).Truncate(time.Hour))
	}
	if got := said.String(); strings.Count(got, "run 1: units wait") != 1 || strings.Count(got, "run 2: units wait") != 1 {
		t.Errorf("told:\n%s", got)
	}
}
