package service

import (
	"context"
	"errors"
	"slices"
	"strings"
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
// the error of connecting.
func Recognise(ctx context.Context, dial Dial, port int, patience Patience) (Service, error) {
	if NoTouch(port) {
		return Service{}, ErrNoTouch
	}
	inside := tlsDial(dial, patience.Answer)
	if slices.Contains(tlsPorts, port) {
		if s, err := recogniseInside(ctx, inside, port, patience); err == nil || cannotDial(err) {
			return s, err
		}
	}
	a := asker{dial: dial, port: port, patience: patience}
	s, err := a.run(ctx)
	if (err != nil && !cannotDial(err) && ctx.Err() == nil) || wantsTLS(s, a.status) {
		if in, e := recogniseInside(ctx, inside, port, patience); e == nil && (in.Protocol != "" || err != nil) {
			return in, nil
		}
	}
	return s, err
}

func cannotDial(err error) bool {
	var d *dialError
	return errors.As(err, &d)
}

// asker puts questions to one port, one connection each.
type asker struct {
	dial     Dial
	port     int
	tls      bool
	patience Patience

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
	asked := []string{""}
	for _, p := range a.questions(usual) {
		if slices.Contains(asked, p.name) {
			continue
		}
		asked = append(asked, p.name)
		if s, ok, err := a.ask(ctx, p, a.patience.Answer); ok || err != nil {
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
	return slices.DeleteFunc(out, func(p protocol) bool { return p.hello == "" })
}

// ask makes one connection, says the question and reads what comes. A
// connection that fails ends it all; one that is cut is an answer that says
// nothing.
func (a *asker) ask(ctx context.Context, p protocol, wait time.Duration) (s Service, ok bool, err error) {
	a.made++
	err = with(ctx, a.dial, wait, func(t *talk) error {
		known := func(heard string) bool {
			s, ok = identify(p.name, heard)
			return ok && whole(s, heard)
		}
		heard, err := t.ask(p.hello, known)
		a.alert = a.alert || !a.tls && text(heard, "\x15\x03")
		a.barred = a.barred || wantsCertificate(err)
		a.spoke = a.spoke || heard != "" || err != nil && !late(err)
		if !ok {
			s, ok = identify(p.name, heard)
		}
		if strings.HasPrefix(heard, "HTTP/1.") && len(heard) >= 12 {
			a.status = heard[9:12]
		}
		return nil
	})
	s.TLS = a.tls
	return s, ok, err
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
