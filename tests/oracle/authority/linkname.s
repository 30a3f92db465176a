// Declares that load.go's functions without a body are defined elsewhere.
