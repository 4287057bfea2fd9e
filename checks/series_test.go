package checks

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/inventory"
)

// A series makes the next connection while an exchange is under way, one and
// no more, only if there is room, and leaves none open.
func TestSeries(t *testing.T) {
	for name, c := range map[string]struct {
		room   Room
		during int32 // connections made by the time the first exchange ends
		most   int32 // in all, of three exchanges
	}{
		"room": {NewRoom(1), 2, 4},
		"none": {nil, 1, 3},
	} {
		var made, open atomic.Int32
		dial := func(context.Context, string) (net.Conn, error) {
			made.Add(1)
			open.Add(1)
			a, _ := net.Pipe()
			return &counting{a, &open}, nil
		}
		p := NewProbe(Settings{Dial: dial, Room: c.room, Now: time.Now, Timeout: time.Second}, inventory.Endpoint{Target: "127.0.0.1:1", Kind: inventory.TLS}, nil)
		s := p.series(t.Context())
		for i := range 3 {
			err := s.over(func(net.Conn) error {
				for i == 0 && made.Load() < c.during {
					time.Sleep(time.Millisecond)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.end()
		if made.Load() != c.most || open.Load() != 0 || len(c.room) != 0 {
			t.Errorf("%s: %d connections made, %d left open, %d places kept; want %d, 0, 0", name, made.Load(), open.Load(), len(c.room), c.most)
		}
	}
}

type counting struct {
	net.Conn
	open *atomic.Int32
}

func (c *counting) Close() error { c.open.Add(-1); return c.Conn.Close() }

// What goes wrong on the connection of the next exchange is told by that
// exchange, and a defect of ours there ends nothing but the check.
func TestSeriesTellsWhatWentWrong(t *testing.T) {
	n := 0
	p := NewProbe(Settings{Room: NewRoom(1), Now: time.Now, Timeout: time.Second, Dial: func(context.Context, string) (net.Conn, error) {
		if n++; n == 2 {
			return nil, fact.Because(fact.OutOfScope, "moved away")
		} else if n == 3 {
			panic("defect")
		}
		a, _ := net.Pipe()
		return a, nil
	}}, inventory.Endpoint{Target: "127.0.0.1:1", Kind: inventory.TLS}, nil)
	s := p.series(t.Context())
	defer s.end()
	talk := func(net.Conn) error { return nil }
	if err := s.over(talk); err != nil {
		t.Errorf("first: %v", err)
	}
	var u *fact.Unknown
	if err := s.over(talk); !errors.As(err, &u) || u.Cause != fact.OutOfScope {
		t.Errorf("second: %v, want out of scope", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("the defect in the third did not come to light")
		}
	}()
	_ = s.over(talk)
}
