package fleet

import (
	"context"
	"log/slog"
	"time"

	"github.com/rs/zerolog"
)

// quiet is for clients whose errors come back to the caller anyway.
var quiet = slog.New(slog.DiscardHandler)

// riverLog writes what River says to our own log, as details: what matters of it
// this package sees and tells itself.
type riverLog struct{ log zerolog.Logger }

func (r riverLog) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (r riverLog) Handle(_ context.Context, rec slog.Record) error {
	more := map[string]any{}
	rec.Attrs(func(a slog.Attr) bool { more[a.Key] = a.Value.String(); return true })
	r.log.Debug().Str("river", rec.Level.String()).Fields(more).Msg(rec.Message)
	return nil
}

func (r riverLog) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r riverLog) WithGroup(string) slog.Handler      { return r }

// riverClock hands an injected clock to River.
type riverClock struct{ now func() time.Time }

func (c riverClock) Now() time.Time { return c.now() }

func (c riverClock) NowOrNil() *time.Time {
	t := c.now()
	return &t
}
