package main

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/spf13/pflag"

	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

// hoursLeft is how much of its hours a unit must have before it when it is begun:
// what they end in the middle of is not seen.
const hoursLeft = 10 * time.Minute

// mostHours bounds how many beginnings of hours that are to come are told.
const mostHours = 5

func (a *app) waitFlag(f *pflag.FlagSet, o *lookOptions) {
	f.BoolVar(&o.wait, "wait", false, a.t("chờ tới ngày giờ mà văn bản cho phép của từng đơn vị cho rà quét, hết giờ thì chờ tới kỳ sau; không có thì đơn vị ngoài giờ không được rà quét và chưa đủ căn cứ", "wait for the days and hours in which each unit permits to be scanned, and when they are over for the next; without it a unit outside of its hours is not scanned and stays undetermined"))
}

// waits tells whether the units of a run wait for their hours.
func waits(run store.Run) bool {
	var s settings
	return json.Unmarshal(run.Settings, &s) == nil && s.Wait
}

// later is fleet's Later.
func (c *crew) later(run store.Run) func(store.ListUnit) time.Duration {
	if !waits(run) {
		return nil
	}
	return func(u store.ListUnit) time.Duration {
		scope, err := scan.NewScope(u.Declared)
		if err != nil {
			return 0
		}
		now := time.Now()
		at, ok := scope.Opens(now, hoursLeft)
		if !ok || !at.After(now) {
			return 0 // which the look tells
		}
		c.tellHours(run, at)
		return at.Sub(now)
	}
}

// hoursOf are hours for which units of a run wait.
type hoursOf struct{ run, at int64 }

// tellHours says once until when units wait.
func (c *crew) tellHours(run store.Run, at time.Time) {
	c.mu.Lock()
	maps.DeleteFunc(c.hours, func(begun hoursOf, _ bool) bool { return begun.at < time.Now().Unix() })
	of := hoursOf{run.ID, at.Unix()}
	told := c.hours[of] || len(c.hours) == mostHours
	if !told {
		c.hours[of] = true
	}
	c.mu.Unlock()
	if !told && !c.app.quiet {
		c.app.say(lang.Tf("đợt %[1]d: có đơn vị chưa tới giờ được rà quét, chờ đến %[2]s", "run %[1]d: units wait for the hours in which they may be scanned, until %[2]s", run.ID, clock(at)))
	}
}
