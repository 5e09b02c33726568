// Waiting in node scripts.
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks until what is asked holds, 20 seconds at most; whether it does.
export async function until(holds) {
    for (const end = Date.now() + 20e3; Date.now() < end; await sleep(20))
        if (await holds()) return true;
    return false;
}
