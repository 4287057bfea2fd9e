package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/sansang/sansang/internal/store"
)

// nationTimes is how many units were in work at once, and how long each took.
type nationTimes struct {
	AtOnce [3]int           // at least, median and at most, over the middle half of the run
	Took   [4]time.Duration // by a unit: median, 90 %, 99 % and at most
	Rate   float64          // units a minute, over the same half
}

// String tells them.
func (t nationTimes) String() string {
	return fmt.Sprintf("in the middle half of the run: %d to %d units in work, median %d, and %.0f a minute; a unit took: median %v, 90 %% %v, 99 %% %v, at most %v",
		t.AtOnce[0], t.AtOnce[2], t.AtOnce[1], t.Rate, t.Took[0], t.Took[1], t.Took[2], t.Took[3])
}

// timesOf reads them off the tasks. A unit that was begun again counts from
// then on. The start of a run and its end, when few units are left, are no
// measure of its flow.
func timesOf(tasks []store.Task) (t nationTimes) {
	tasks = slices.DeleteFunc(slices.Clone(tasks), func(k store.Task) bool { return k.Began.IsZero() || k.Ended.Before(k.Began) })
	if len(tasks) == 0 {
		return t
	}
	var took []time.Duration
	first, last := tasks[0].Began, tasks[0].Ended
	for _, k := range tasks {
		took = append(took, k.Ended.Sub(k.Began))
		if k.Began.Before(first) {
			first = k.Began
		}
		if k.Ended.After(last) {
			last = k.Ended
		}
	}
	slices.Sort(took)
	for i, percent := range []int{50, 90, 99, 100} {
		t.Took[i] = took[(len(took)-1)*percent/100].Round(100 * time.Millisecond)
	}
	const moments = 200
	var atOnce []int
	from, to := first.Add(last.Sub(first)/4), last.Add(-last.Sub(first)/4)
	for i := range moments {
		at, n := from.Add(to.Sub(from)*time.Duration(i)/moments), 0
		for _, k := range tasks {
			if !k.Began.After(at) && k.Ended.After(at) {
				n++
			}
		}
		atOnce = append(atOnce, n)
	}
	slices.Sort(atOnce)
	t.AtOnce = [3]int{atOnce[0], atOnce[moments/2], atOnce[moments-1]}
	ended := 0
	for _, k := range tasks {
		if k.Ended.After(from) && !k.Ended.After(to) {
			ended++
		}
	}
	if half := to.Sub(from).Minutes(); half > 0 {
		t.Rate = float64(ended) / half
	}
	return t
}
