package service

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// How many connections one port costs at most.
const (
	maxQuestions = 16
	maxMute      = 5 // of one that says nothing to any of them
)

// Recognise tells what a port speaks: it listens, then asks what is usual for
// the port, then what a browser and a TLS client ask, then the rest. Where
// nothing is recognised the error says why: ErrMute, ErrStrange, ErrNoTouch, or
// the error of connecting. What a port is asked that said nothing yet is asked
// beside each other, if beside is not nil.
func Recognise(ctx context.Context, dial Dial, port int, patience Patience, beside Beside) (Service, error) {
	if NoTouch(port) {
		return Service{}, ErrNoTouch
	}
	inside := sync.OnceValues(func() (Service, error) {
		return recogniseInside(ctx, tlsDial(dial, patience.Answer), port, patience)
	})
	if slices.Contains(tlsPorts, port) {
		if s, err := inside(); err == nil || cannotDial(err) {
			return s, err
		}
	}
	a := asker{dial: dial, port: port, patience: patience, beside: beside, inside: inside}
	s, err := a.run(ctx)
	if (err != nil && !cannotDial(err) && ctx.Err() == nil) || wantsTLS(s, a.status) {
		if in, e := inside(); e == nil && (in.Protocol != "" || err != nil) {
			return in, nil
		}
	}
	return s, err
}

func cannotDial(err error) bool {
	var d *dialError
	return errors.As(err, &d)
}

// Beside does n things, some at the same time.
type Beside func(n int, do func(i int))

// asker puts questions to one port, one connection each.
type asker struct {
	dial     Dial
	port     int
	tls      bool
	patience Patience
	beside   Beside                  // nil: one after another
	inside   func() (Service, error) // asks inside TLS, once; nil where this is inside

	made   int
	alert  bool // it answers in TLS, to a question in clear
	barred bool // it wants a certificate
	spoke  bool // anything ever came, or it hung up on us: it is not mute
	status string
}

func (a *asker) run(ctx context.Context) (Service, error) {
	usual := usualAt(a.port)
	if len(usual) == 0 || usual[0].first {
		wait := a.patience.Greeting
		if len(usual) > 0 {
			wait = a.patience.Answer
		}
		if s, ok, err := a.ask(ctx, protocol{}, wait); ok || err != nil || a.barred {
			return s, or2(err, map[bool]error{true: ErrStrange}[a.barred && !ok])
		}
	}
	for todo := a.questions(usual); len(todo) > 0; {
		now := todo[:1]
		if !a.spoke && a.made > 1 {
			now = todo[:min(len(todo), maxMute-a.made)]
		}
		todo = todo[len(now):]
		if s, ok, err := a.askAll(ctx, now); ok || err != nil {
			return s, err
		}
		if a.barred || a.alert || a.made == maxQuestions || !a.spoke && a.made == maxMute {
			break
		}
	}
	if !a.spoke {
		return Service{}, ErrMute
	}
	return Service{}, ErrStrange
}

func usualAt(port int) (out []protocol) {
	for _, p := range protocols {
		if slices.Contains(p.ports, port) {
			out = append(out, p)
		}
	}
	return out
}

// questions are those to ask, in this order: the usual ones of the port, that
// of a browser, all that are not rare.
func (a *asker) questions(usual []protocol) []protocol {
	out := append(slices.Clone(usual), web)
	for _, p := range protocols {
		if !p.rare && !a.tls {
			out = append(out, p)
		}
	}
	var asked []string
	return slices.DeleteFunc(out, func(p protocol) bool {
		twice := slices.Contains(asked, p.name)
		asked = append(asked, p.name)
		return twice || p.hello == ""
	})
}

// heard is what came of one question.
type heard struct {
	Service
	ok  bool  // it is recognised
	err error // of connecting

	alert, barred, spoke bool
	status               string
}

// ask puts one question.
func (a *asker) ask(ctx context.Context, p protocol, wait time.Duration) (s Service, ok bool, err error) {
	h := a.hear(ctx, p, wait)
	a.take(h)
	return h.Service, h.ok, h.err
}

// askAll puts several questions beside each other, and with them the one for
// TLS, which comes next of a port that is silent to all.
func (a *asker) askAll(ctx context.Context, all []protocol) (s Service, ok bool, err error) {
	if len(all) == 1 || a.beside == nil {
		for _, p := range all {
			if s, ok, err = a.ask(ctx, p, a.patience.Answer); ok || err != nil {
				break
			}
		}
		return s, ok, err
	}
	said := make([]heard, len(all)+1)
	a.beside(len(said), func(i int) {
		switch {
		case i < len(all):
			said[i] = a.hear(ctx, all[i], a.patience.Answer)
		case a.inside != nil:
			_, _ = a.inside() // it is remembered
		}
	})
	for _, h := range said[:len(all)] {
		a.take(h)
		if h.ok {
			return h.Service, true, nil
		}
		if err == nil {
			err = h.err
		}
	}
	return Service{}, false, err
}

// take remembers what was heard.
func (a *asker) take(h heard) {
	a.made++
	a.alert, a.barred, a.spoke = a.alert || h.alert, a.barred || h.barred, a.spoke || h.spoke
	a.status = or(h.status, a.status)
}

// hear makes one connection, says the question and reads what comes. A
// connection that fails ends it all; one that is cut is an answer that says
// nothing.
func (a *asker) hear(ctx context.Context, p protocol, wait time.Duration) (h heard) {
	h.err = with(ctx, a.dial, wait, func(t *talk) error {
		known := func(heard string) bool {
			h.Service, h.ok = identify(p.name, heard)
			return h.ok && whole(h.Service, heard)
		}
		heard, err := t.ask(p.hello, known)
		h.alert = !a.tls && text(heard, "\x15\x03")
		h.barred = wantsCertificate(err)
		h.spoke = heard != "" || err != nil && !late(err)
		if !h.ok {
			h.Service, h.ok = identify(p.name, heard)
		}
		if strings.HasPrefix(heard, "HTTP/1.") && len(heard) >= 12 {
			h.status = heard[9:12]
		}
		return nil
	})
	h.TLS = a.tls
	return h
}

// whole tells whether enough was heard to know the product too.
func whole(s Service, heard string) bool {
	switch s.Protocol {
	case "http", "http-proxy":
		return false // until it closes: the product may stand at the end of the page
	case "ssh", "ftp", "smtp", "pop3", "imap", "nntp", "rsync", "rfb":
		return strings.Contains(heard, "\n")
	}
	return true
}
