//! Nothing but tests: notices through a whole house to simulated providers.
