package report

import (
	"io"

	"github.com/sansang/sansang/internal/rollup"
)

func rollupHTML(_ io.Writer, _ rollup.Rollup, _ RollupOptions) error { return nil }
