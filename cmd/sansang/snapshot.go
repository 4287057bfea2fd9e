package main

import (
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sansang/sansang/internal/fact"
	"github.com/sansang/sansang/internal/lang"
	"github.com/sansang/sansang/internal/record"
	"github.com/sansang/sansang/internal/roster"
	"github.com/sansang/sansang/internal/scan"
	"github.com/sansang/sansang/internal/store"
)

// snapshot takes a list with all that its units name on this machine, so that
// others can look and judge without a file: CAs by their text, documents by what
// they hold now. Files that several units name are read once.
func (a *app) snapshot(l *roster.List, trust []string, now time.Time) (store.List, error) {
	out := store.List{Name: l.Name, Units: make([]store.ListUnit, len(l.Units))}
	for _, p := range l.Problems {
		out.Problems = append(out.Problems, lang.T(p.In(lang.Vi), p.In(lang.En)))
	}
	for _, m := range l.Mergers {
		out.Mergers = append(out.Mergers, store.Merger{Old: m.Old, New: m.New, Day: m.On})
	}
	s := shelf{now: now, cas: map[string]*shelved[store.CA]{}, papers: map[string]*shelved[fact.Observation]{}}
	var hands sync.WaitGroup
	var first sync.Once
	var failed error
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		hands.Go(func() {
			for i := range next {
				u, err := s.unit(l.Units[i], trust)
				if out.Units[i] = u; err != nil {
					first.Do(func() { failed = err })
				}
			}
		})
	}
	for i := range l.Units {
		next <- i
	}
	close(next)
	hands.Wait()
	return out, failed
}

// shelf keeps what was read.
type shelf struct {
	now time.Time

	mu     sync.Mutex
	cas    map[string]*shelved[store.CA]         // by path
	papers map[string]*shelved[fact.Observation] // by path and trusted CAs
}

type shelved[T any] struct {
	once sync.Once
	it   T
	err  error
}

// taken reads what is not on the shelf yet.
func taken[T any](s *shelf, m map[string]*shelved[T], key string, read func() (T, error)) (T, error) {
	s.mu.Lock()
	x := m[key]
	if x == nil {
		x = &shelved[T]{}
		m[key] = x
	}
	s.mu.Unlock()
	x.once.Do(func() { x.it, x.err = read() })
	return x.it, x.err
}

func (s *shelf) unit(u roster.Unit, trust []string) (store.ListUnit, error) {
	out := store.ListUnit{Declared: u.Unit, File: record.File{Name: u.File.Name, SHA256: u.File.SHA256}}
	var paths []string
	for _, name := range u.TrustedCAs {
		paths = append(paths, filepath.Join(u.DirOf(name), local(name)))
	}
	for _, path := range append(paths, trust...) {
		ca, err := taken(s, s.cas, path, func() (store.CA, error) { return readCA(path) })
		if err != nil {
			return out, err
		}
		out.CAs = append(out.CAs, ca)
	}
	trusted := sums(out.CAs)
	for _, name := range (&unitFile{Unit: u.Unit}).documentNames() {
		own := &unitFile{Unit: u.Unit, dir: u.DirOf(name)}
		o, _ := taken(s, s.papers, strings.Join([]string{own.dir, name, trusted}, "\x00"), func() (fact.Observation, error) {
			roots, err := rootsOf(out.CAs)
			return own.observe(name, roots, s.now), err
		})
		out.Documents = append(out.Documents, o)
	}
	return out, nil
}

// readCA reads a PEM file, of which only the certificates are kept: what else
// stands in it, such as a private key, goes nowhere.
func readCA(path string) (store.CA, error) {
	b, err := readPEM(path)
	if err != nil {
		return store.CA{}, err
	}
	var certs strings.Builder
	for rest := b; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			if err := pem.Encode(&certs, &pem.Block{Type: block.Type, Bytes: block.Bytes}); err != nil {
				return store.CA{}, err
			}
		}
	}
	ca := store.CA{Name: filepath.Base(path), SHA256: digest(b), PEM: certs.String()}
	if _, err := rootsOf([]store.CA{ca}); err != nil {
		return store.CA{}, faultf("%s không có chứng thư số dạng PEM nào", "%s holds no PEM certificate", path)
	}
	return ca, nil
}

// rootsOf gives the CAs of a unit of a list; nil: it trusts none of its own.
func rootsOf(cas []store.CA) (*x509.CertPool, error) {
	if len(cas) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	for _, ca := range cas {
		if !pool.AppendCertsFromPEM([]byte(ca.PEM)) {
			return nil, faultf("CA %s lưu trong cơ sở dữ liệu không có chứng thư số dạng PEM nào", "the CA %s that the database holds has no PEM certificate", ca.Name)
		}
	}
	return pool, nil
}

func sums(cas []store.CA) string {
	var all []string
	for _, ca := range cas {
		all = append(all, ca.SHA256)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// unscannable tells what is wrong with the authorisation of units: that there is
// none, that its days or hours are not now, or, of these, that they do not come
// again. So nobody waits a night to learn that no packet was sent.
func unscannable(units []store.ListUnit, now time.Time) (without, notNow, over int) {
	for _, u := range units {
		if len(u.Declared.Endpoints)+len(u.Declared.Hosts) == 0 {
			continue // nothing is to be scanned
		}
		if u.Declared.Authorisation == nil {
			without++
		} else if s, err := scan.NewScope(u.Declared); err == nil && s.Time(now) != nil {
			notNow++
			if _, again := s.Opens(now, hoursLeft); !again {
				over++
			}
		}
	}
	return without, notNow, over
}
