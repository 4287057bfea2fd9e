package fact

import (
	"bytes"
	"encoding/json"
)

// Maybe is a field of a fact that may stay unseen while the rest was seen,
// as one protocol version of many. The zero Maybe is Unknown{broken}: a field
// that a check forgot to fill must not look like a fact. In JSON it is the
// value itself or {"unknown": {…}}, so T must not encode as an object.
type Maybe[T any] struct {
	value   T
	known   bool
	unknown Unknown
}

// Known is a field that was seen.
func Known[T any](v T) Maybe[T] { return Maybe[T]{value: v, known: true} }

// Not is a field that was not seen, and why.
func Not[T any](u *Unknown) Maybe[T] { return Maybe[T]{unknown: *u} }

// Get gives the value, or why there is none.
func (m Maybe[T]) Get() (T, *Unknown) {
	if m.known {
		return m.value, nil
	}
	u := m.unknown
	if u.Cause == "" {
		u = *Because(Broken, "the check left this field empty")
	}
	return m.value, &u
}

// Is tells whether the value was seen and equals v.
func Is[T comparable](m Maybe[T], v T) bool { return m.known && m.value == v }

type unseen struct {
	Unknown *Unknown `json:"unknown"`
}

// MarshalJSON writes the value, or the Unknown in its place.
func (m Maybe[T]) MarshalJSON() ([]byte, error) {
	v, u := m.Get()
	if u != nil {
		return json.Marshal(unseen{u})
	}
	return json.Marshal(v)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Maybe[T]) UnmarshalJSON(b []byte) error {
	*m = Maybe[T]{}
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		var u unseen
		if err := json.Unmarshal(b, &u); err != nil {
			return err
		}
		if u.Unknown != nil {
			m.unknown = *u.Unknown
		}
		return nil
	}
	if err := json.Unmarshal(b, &m.value); err != nil {
		return err
	}
	m.known = true
	return nil
}

func (Maybe[T]) maybe() {}

// isMaybe lets the schema see through a Maybe without knowing its T.
type isMaybe interface{ maybe() }
