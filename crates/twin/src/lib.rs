//! Virtual phones that speak the real protocols, and the generator behind them.
